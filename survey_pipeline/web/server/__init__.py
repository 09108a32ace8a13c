"""What surrounds the pages: connections, middleware, thread pools, log limits."""

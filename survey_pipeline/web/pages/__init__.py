"""The pages: each file is a family of addresses with its handlers, or helps such files."""

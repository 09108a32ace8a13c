"""SMS gateways: one port, found by entry point; a third party's package adds one."""

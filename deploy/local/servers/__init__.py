"""PostgreSQL, Redis and NATS from wheels, each started, stopped and killed on its own."""

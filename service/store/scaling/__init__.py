"""Beyond one server: replicas that read, and a book spread by force."""

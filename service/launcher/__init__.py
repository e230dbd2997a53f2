"""What runs the service: the embedded server, gunicorn, the demonstration, and files loaded from a
terminal."""

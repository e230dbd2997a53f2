"""The processes that answer: gunicorn, its workers, and what every answer says to browsers."""

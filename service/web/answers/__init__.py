"""What an answer is made of: its formats, its pages, and whole lists as files."""

"""Places side by side: who is lowest, as far as can be told."""

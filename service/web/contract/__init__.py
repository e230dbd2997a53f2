"""The contract as a document, written from the code."""

"""What runs inside the box: standard library only, nothing of codeeff. See ../README.md."""

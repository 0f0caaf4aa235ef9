"""What makes the files of data/ again: `python -m data.make NAME`."""

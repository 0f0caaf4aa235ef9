"""What instructors and students run: `python -m course_lib.teach COMMAND`."""

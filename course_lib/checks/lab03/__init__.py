"""The laws of lab 03, one module per exercise; `course_lib.checks.lab03_darts` gathers them."""

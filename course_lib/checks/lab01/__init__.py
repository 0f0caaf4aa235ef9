"""The laws of lab 01, one module per exercise; `course_lib.checks.lab01_rl_nas` gathers them."""

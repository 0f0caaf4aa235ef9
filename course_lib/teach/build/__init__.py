"""From text sources to notebooks, releases and the students' zip."""

"""From hand-ins to grades and feedback pages."""

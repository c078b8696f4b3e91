"""Reports, over small stores that a test fills by hand."""

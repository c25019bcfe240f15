"""What people look at: one `Scene`, many renderers; tables, figures, report."""

"""Charts that several pages draw: strips of dots, bands, cells of progress, parallel axes."""

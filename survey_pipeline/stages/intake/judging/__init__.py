"""What the standard says of the rows of the year's evidence; pure, the standard is an argument."""

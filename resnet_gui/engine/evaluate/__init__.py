"""Models measured on labelled pictures: all of them counted, and what was answered kept in a folder."""

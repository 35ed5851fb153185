"""How people lay out their pictures: what a look through a folder finds, and which classes and parts it makes."""

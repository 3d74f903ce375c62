"""A Django application whose articles know their related articles."""

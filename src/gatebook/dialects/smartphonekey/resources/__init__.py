"""What SmartphoneKey's clients find: locks, cameras, users, and what was decided about plates."""

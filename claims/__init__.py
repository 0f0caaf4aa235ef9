"""What the lecture claims, tested on our own runs: `make claims` writes data/claims/."""

"""Speed and memory against peers in the same run: `make bench` writes bench/results.md."""

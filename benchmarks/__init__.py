"""What the figures in the README are reproduced with: ratios against a baseline in the same run."""

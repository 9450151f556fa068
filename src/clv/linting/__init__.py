"""What can be wrong with a segmentation, by where it shows; `clv.faults` is the door."""

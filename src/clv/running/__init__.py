"""How `clv.batch` runs notebooks: what is to do, kernels, one honest run, its record and its report."""

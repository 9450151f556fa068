"""The pages and JupyterLab in a real browser."""

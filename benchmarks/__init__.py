"""What finding costs and how well it finds, measured against what others use. Nothing of the product imports this."""

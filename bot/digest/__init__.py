"""Pure rules of the product: the post format, text repair, ranking and choosing. Values in, values out."""

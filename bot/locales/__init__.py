"""The product's texts in other languages, one module each; English is in the code, as `say`'s argument."""

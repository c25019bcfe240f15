"""What a variant does to an antigen: is it there, is it folded, is the epitope intact."""

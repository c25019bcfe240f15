"""Text to `Consequence`: grammar, transcript, VCF, splicing, isoforms."""

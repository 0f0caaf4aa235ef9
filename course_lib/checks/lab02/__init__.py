"""The laws of lab 02, one module per exercise; `checks.lab02_weight_sharing` gathers them."""

"""What XProtect serves: one module for each resource."""

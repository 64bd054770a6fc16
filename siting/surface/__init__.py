"""Block-wise raster work on arrays: distances, overlay, from surface to candidates."""

"""The shifted Chinese coordinates GCJ-02 and BD-09, to WGS84 and back."""

"""Golden worlds: recorded AMI sessions of real PBXs, replayed whole."""

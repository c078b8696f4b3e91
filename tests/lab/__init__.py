"""The lab: real Asterisk, real SIP calls, and the daemon judged by what the PBX itself wrote down."""

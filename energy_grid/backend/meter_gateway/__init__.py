"""Reads meters over MQTT, keeps their registers, and answers for communities' days."""

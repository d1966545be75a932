"""Faults put into the files that ship, one at a time: does `check` find each?"""

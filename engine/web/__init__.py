"""The page and its API: search, look closely, judge and export, on this machine alone.

``engine.web.app.create_app`` makes the application from parts that ``commands.serve`` hands it.
"""

"""The catalogue. Workbooks come from outside: openpyxl reads them with defusedxml only where it does not find lxml."""

import os

os.environ["OPENPYXL_LXML"] = "False"  # asked when openpyxl is first imported

"""Accounts of older systems, from files read row by row and from live sources: formats and no meaning.

Owns one file per kind of source, the guess of kind and encoding, the guards before archives and XML, and safe cells
for reports that people open in a spreadsheet. Does not own: what a column means (idp/linking/columns), the database.
Enter through `sniffing.sniff` and `opening.open_file`, for live sources through `live`. A row that cannot be read is
told by its number and fault, a file by a `SourceRefused`: neither quotes what stands there, which is somebody's data.
"""

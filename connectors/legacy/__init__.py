"""Files of accounts that older systems hand over, read row by row: a room that knows formats and no meaning.

Owns one file per kind of source, the guess of kind and encoding, the guards before archives and XML, and safe cells
for reports that people open in a spreadsheet. Does not own: what a column means (idp/linking/columns), the database.
Enter through `sniffing.sniff` and `opening.open_file`. A row that cannot be read is told by its number and fault, a
file by a `SourceRefused`: neither quotes what stands there, which is somebody's data.
"""

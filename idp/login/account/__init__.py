"""What a person does in their own account: password, mobile, second factor, sessions, consents, activity.

Every change asks for what the specification asks for it, tells every contact, and is checked against the
person who acts. Owns no page; the web floor enters by one class per subject.
"""

/* Sends the answer of the authorization endpoint (OAuth 2.0 Form Post Response Mode §2); the button does the same. */
// A field may be called "submit"; the prototype's function is not hidden by it.
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));

"""Files of rows, whoever wrote them: told apart by content, read as text, wrong rows named."""

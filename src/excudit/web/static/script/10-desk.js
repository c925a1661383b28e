// Makes pages better that work without it.

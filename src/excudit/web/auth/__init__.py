"""How a browser's visitor becomes somebody: sessions begun and ended, the OpenID Provider, and what
was typed into a page whose session had ended."""

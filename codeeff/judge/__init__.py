"""Is it right? Code out of completions, cases through the sandbox, outputs held against the reference's."""

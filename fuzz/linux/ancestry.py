"""Who comes before whom in a history with branches.

Job: of commits that are listed oldest first and know their parents (commits.py): what comes before one, what behind it, and the nearest
before it that can be asked. Two branches stand one behind the other in a list, and neither has what the other did. Imported by history.py.
"""


class Ancestry:
    def __init__(self, commits):
        self.commits = commits
        self.named = {commit.name: commit for commit in commits}

    def parents(self, commit):
        return [self.named[name] for name in commit.parents if name in self.named]

    def up_to(self, commit):
        """It, and all before it, oldest first."""
        found, left = set(), [commit]
        while left:
            one = left.pop()
            if one.name not in found:
                found.add(one.name)
                left += self.parents(one)
        return [one for one in self.commits if one.name in found]

    def since(self, commit):
        """It, and all behind it, oldest first."""
        found = {commit.name}
        for one in self.commits:
            if any(parent.name in found for parent in self.parents(one)):
                found.add(one.name)
        return [one for one in self.commits if one.name in found]

    def nearest(self, commit, can_be_asked):
        """On each branch that comes together in it, the last before it that can be asked."""
        found, left, seen = [], self.parents(commit), set()
        while left:
            one = left.pop(0)
            if one.name in seen:
                continue
            seen.add(one.name)
            if can_be_asked(one):
                found.append(one)
            else:
                left += self.parents(one)
        return found

"""`python -m survey_pipeline.cli`: the command line where no script was installed."""

from survey_pipeline.cli.main import main

if __name__ == "__main__":
    main()
